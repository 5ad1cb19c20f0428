import AppModel
import Dispatch
import Foundation
import Testing

@Suite struct OutputDescriptorTests {
    /// Another process that shares the descriptor may have done so.
    @Test func writesAllToANonBlockingPipe() async throws {
        let pipe = Pipe()
        let writer = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(writer, F_SETFL, fcntl(writer, F_GETFL) | O_NONBLOCK) == 0)
        let bytes = [UInt8](repeating: 0x61, count: 1 << 20)
        async let received = withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: pipe.fileHandleForReading.readDataToEndOfFile().count)
            }
        }
        let failure = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: bytes.withUnsafeBytes { OutputDescriptor(writer).write($0) })
            }
        }
        try pipe.fileHandleForWriting.close()
        #expect(failure == nil)
        #expect(await received == bytes.count)
    }

    @Test func tellsWhyNotAllIsWritten() throws {
        let pipe = Pipe()
        let reader = pipe.fileHandleForReading.fileDescriptor
        // The end for reading takes nothing.
        #expect(OutputDescriptor(reader).write("x") == EBADF)
    }
}
