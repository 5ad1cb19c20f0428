import ComponentModel
import Foundation
import NIOCore
import NIOPosix
import Testing
import WASI

/// Files whose content is not in memory: streams that are not ready at once.
@Suite struct FileWorkerTests {
    /// Reads a stream on a real event loop to its end, waiting as a guest does.
    @Test(arguments: [true, false]) func aStreamGivesTheWholeFile(isCached: Bool) async throws {
        let sandbox = try Sandbox()
        let text = String(repeating: "0123456789", count: 30_000)
        sandbox.put(text, at: "mount/large")
        if !isCached { sandbox.forget("mount/large") }
        let path = sandbox.root + "/mount"
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [UInt8].self)
        loop.execute {
            do {
                let reader = try Reader(path: path, file: "large", eventLoop: loop) { promise.completeWith($0) }
                reader.next()
            } catch {
                promise.fail(error)
            }
        }
        #expect(try await promise.futureResult.get() == Array(text.utf8))
    }

    /// Takes what a source has, and asks to be called back when it has nothing.
    private final class Reader {
        private let source: any InputSource
        private let done: (Result<[UInt8], any Error>) -> Void
        private var bytes: [UInt8] = []

        init(
            path: String, file: String, eventLoop: any EventLoop,
            done: @escaping (Result<[UInt8], any Error>) -> Void
        ) throws {
            let preopen = try Preopen(hostPath: path, guestPath: "/", isWritable: false)
            let context = WASIContext(
                configuration: WASIConfiguration(preopens: [preopen], filePool: .singleton), eventLoop: eventLoop)
            self.source = try context.openForReading(file)
            self.done = done
        }

        func next() {
            while true {
                switch self.source.read(upTo: 10_000) {
                case .bytes(let buffer): self.bytes += Array(buffer: buffer)
                case .wouldBlock: return self.source.whenReady { self.next() }
                case .closed: return self.done(.success(self.bytes))
                case .failed(let error): return self.done(.failure(Failure(error: "\(error)")))
                }
            }
        }
    }

    private struct Failure: Error {
        let error: String
    }
}

extension Sandbox {
    /// Takes a file out of the system's memory, as far as it lets one.
    func forget(_ path: String) {
        guard let file = FileHandle(forUpdatingAtPath: self.root + "/" + path) else { return }
        fsync(file.fileDescriptor)
        posix_fadvise(file.fileDescriptor, 0, 0, POSIX_FADV_DONTNEED)
        try? file.close()
    }
}
