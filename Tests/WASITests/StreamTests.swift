import ComponentModel
import NIOCore
import Testing
import WASI

/// `wasi:io/streams`.
@Suite struct StreamTests {
    private func input(_ text: String, limit: Int = 1024) -> InputStreamResource {
        InputStreamResource(BufferSource(ByteBuffer(string: text)), limit: limit)
    }

    @Test func readsWhatIsThereThenCloses() throws {
        let host = TestHost()
        let stream = self.input("hello")
        try host.call { call throws in
            #expect(try stream.read(len: 3, in: call).value?.text == "hel")
            #expect(try stream.blockingRead(len: 100, in: call).value?.text == "lo")
            #expect(try stream.read(len: 1, in: call).failure?.isClosed == true)
            #expect(try stream.blockingRead(len: 1, in: call).failure?.isClosed == true)
        }
    }

    @Test func aReadOfNoBytesSaysWhetherTheStreamIsOpen() throws {
        let host = TestHost()
        let stream = self.input("x")
        try host.call { call throws in
            #expect(try stream.read(len: 0, in: call).value?.byteCount == 0)
            #expect(try stream.blockingRead(len: 0, in: call).value?.byteCount == 0)
            _ = try stream.skip(len: 1, in: call)
            #expect(try stream.read(len: 0, in: call).failure?.isClosed == true)
        }
    }

    @Test(arguments: [UInt64(1) << 63, .max])
    func aHugeReadGivesNoMoreThanTheLimit(length: UInt64) throws {
        let host = TestHost()
        let stream = self.input(String(repeating: "a", count: 5000), limit: 1024)
        try host.call { call throws in
            #expect(try stream.read(len: length, in: call).value?.byteCount == 1024)
            #expect(try stream.skip(len: length, in: call).value == 1024)
        }
    }

    @Test func aSourceThatHasNothingIsWaitedFor() throws {
        let host = TestHost()
        let stream = InputStreamResource(IncomingBody(InboundBodyMaker.open(host)))
        try host.call { call throws in
            // Without a fiber waiting fails: but it must come to that.
            #expect(throws: HostLimitError.self) { try stream.blockingRead(len: 1, in: call) }
            #expect(throws: HostLimitError.self) { try stream.blockingSkip(len: 1, in: call) }
        }
    }

    @Test func writesUpToThePermit() throws {
        let sink = Sink()
        let host = TestHost(stdout: sink)
        try host.call { call throws in
            let stream = try CliStdoutFunctions.getStdout(in: call)
            #expect(throws: GuestFault.self) {
                try withGuestBytes("early") { try stream.write(contents: $0, in: call) }
            }
            let permit = try #require(try stream.checkWrite(in: call).value)
            #expect(permit > 0)
            #expect(try withGuestBytes("hello ") { try stream.write(contents: $0, in: call) }.isOK)
            #expect(try withGuestBytes("world") { try stream.write(contents: $0, in: call) }.isOK)
            #expect(throws: GuestFault.self) { try stream.writeZeroes(len: permit, in: call) }
            #expect(throws: GuestFault.self) { try stream.writeZeroes(len: .max, in: call) }
            _ = try stream.checkWrite(in: call)
            #expect(try stream.writeZeroes(len: 5000, in: call).isOK)
            #expect(try stream.flush(in: call).isOK)
        }
        #expect(sink.text.hasPrefix("hello world\0"))
        #expect(sink.bytes.count == 5011)
    }

    @Test func blockingWritesTakeNoMoreThan4096Bytes() throws {
        let sink = Sink()
        let host = TestHost(stdout: sink)
        try host.call { call throws in
            let stream = try CliStdoutFunctions.getStdout(in: call)
            let most = [UInt8](repeating: 7, count: 4096)
            #expect(try withGuestBytes(most) { try stream.blockingWriteAndFlush(contents: $0, in: call) }.isOK)
            #expect(try stream.blockingWriteZeroesAndFlush(len: 4096, in: call).isOK)
            #expect(throws: GuestFault.self) {
                try withGuestBytes(most + [7]) { try stream.blockingWriteAndFlush(contents: $0, in: call) }
            }
            #expect(throws: GuestFault.self) { try stream.blockingWriteZeroesAndFlush(len: 4097, in: call) }
            #expect(try stream.blockingFlush(in: call).isOK)
        }
        #expect(sink.bytes.count == 8192)
    }

    @Test func aFailedWriteIsToldOnceThenTheStreamIsClosed() throws {
        let sink = Sink()
        sink.failure = .full
        let host = TestHost(stdout: sink)
        try host.call { call throws in
            let stream = try CliStdoutFunctions.getStdout(in: call)
            let first = try withGuestBytes("x") { try stream.blockingWriteAndFlush(contents: $0, in: call) }
            guard case .lastOperationFailed(let error) = first.failure else {
                Issue.record("not told why")
                return
            }
            #expect(try error.toDebugString(in: call).contains("standard output"))
            #expect(try HttpTypesFunctions.httpErrorCode(err: error, in: call) == nil)
            #expect(try FilesystemTypesFunctions.filesystemErrorCode(err: error, in: call) == nil)
            #expect(try stream.checkWrite(in: call).failure?.isClosed == true)
            #expect(try stream.flush(in: call).failure?.isClosed == true)
            #expect(try stream.subscribe(in: call).ready(in: call))
        }
    }

    @Test func splicesFromOneToTheOther() throws {
        let sink = Sink()
        let host = TestHost(stdout: sink)
        let source = self.input("from here to there")
        try host.call { call throws in
            let stream = try CliStdoutFunctions.getStdout(in: call)
            #expect(try stream.splice(src: source, len: 5, in: call).value == 5)
            #expect(try stream.blockingSplice(src: source, len: .max, in: call).value == 13)
            #expect(try stream.splice(src: source, len: 1, in: call).failure?.isClosed == true)
        }
        #expect(sink.text == "from here to there")
    }

    @Test func standardInputIsEmptyUnlessGiven() throws {
        let empty = TestHost()
        try empty.call { call in
            let stream = try CliStdinFunctions.getStdin(in: call)
            #expect(try stream.blockingRead(len: 10, in: call).failure?.isClosed == true)
        }
        let given = TestHost(stdin: BufferSource(ByteBuffer(string: "typed")))
        try given.call { call in
            let stream = try CliStdinFunctions.getStdin(in: call)
            #expect(try stream.blockingRead(len: 10, in: call).value?.text == "typed")
        }
    }
}
