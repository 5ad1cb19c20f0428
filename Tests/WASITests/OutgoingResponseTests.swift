import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// `wasi:http/types`: the response that a guest gives.
@Suite struct OutgoingResponseTests {
    @Test func aResponseThatIsWrittenInOneGoLeavesInOnePieceWithItsLength() throws {
        let bench = ResponseBench()
        let response = try bench.response([("content-type", "text/plain")])
        let body = try #require(try bench.body(of: response))
        try bench.set(response)
        #expect(try bench.write("hello", to: body)?.isOK == true)
        #expect(try bench.finish(body).isOK)
        #expect(bench.collector.head?.status == 200)
        #expect(bench.collector.head?.fields == ["content-type": "text/plain"])
        #expect(bench.sentText == "hello")
        #expect(bench.collector.isFinished)
        guard case .sent(status: 200) = bench.slot.state else {
            Issue.record("state is \(bench.slot.state)")
            return
        }
    }

    @Test func bytesWrittenBeforeSetWaitForIt() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        let body = try #require(try bench.body(of: response))
        #expect(try bench.write("early", to: body)?.isOK == true)
        #expect(bench.collector.head == nil)
        #expect(bench.host.context.budget.bytes == 5)
        #expect(try bench.finish(body).isOK)
        try bench.set(response)
        #expect(bench.sentText == "early")
        #expect(bench.collector.isFinished)
        #expect(bench.host.context.budget.bytes == 0)
    }

    @Test func theHeadLeavesWhenTheGuestLetsTheLoopRun() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        let body = try #require(try bench.body(of: response))
        try bench.set(response)
        #expect(bench.collector.head == nil)
        bench.host.loop.run()
        #expect(bench.collector.head != nil)
        #expect(try bench.write("later", to: body)?.isOK == true)
        bench.host.loop.run()
        #expect(bench.sentText == "later")
        #expect(!bench.collector.isFinished)
    }

    @Test func aResponseWithoutABodyIsEmpty() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        try bench.host.call { call throws in
            #expect(try response.statusCode(in: call) == 200)
            #expect(try response.setStatusCode(statusCode: 204, in: call).isOK)
            for status in [0, 99, 100, 199, 1000, 65535] as [UInt16] {
                #expect(try !response.setStatusCode(statusCode: status, in: call).isOK)
            }
            #expect(try response.statusCode(in: call) == 204)
        }
        try bench.set(response)
        #expect(bench.collector.head?.status == 204)
        #expect(bench.collector.isFinished)
    }

    @Test func aBodyDroppedUnfinishedBreaksTheResponseOff() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        do {
            let body = try #require(try bench.body(of: response))
            try bench.set(response)
            #expect(try bench.write("half", to: body)?.isOK == true)
            bench.host.loop.run()
            #expect(!bench.collector.isAborted)
        }
        #expect(bench.collector.isAborted)
        #expect(!bench.collector.isFinished)
    }

    @Test func aBodyDroppedBeforeSetBreaksTheResponseOffToo() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        do {
            let body = try #require(try bench.body(of: response))
            _ = try bench.write("half", to: body)
        }
        try bench.set(response)
        #expect(bench.collector.isAborted)
        #expect(!bench.collector.isFinished)
    }

    @Test(arguments: [true, false])
    func aBodyShorterThanItsContentLengthIsAnError(setsFirst: Bool) throws {
        let bench = ResponseBench()
        let response = try bench.response([("content-length", "10")])
        let body = try #require(try bench.body(of: response))
        if setsFirst { try bench.set(response) }
        _ = try bench.write("short", to: body)
        #expect(try bench.finish(body).failure == .httpResponseBodySize(5))
        if !setsFirst { try bench.set(response) }
        #expect(bench.collector.isAborted)
        #expect(!bench.collector.isFinished)
    }

    @Test func aBodyLongerThanItsContentLengthIsAnError() throws {
        let bench = ResponseBench()
        let response = try bench.response([("content-length", "3")])
        let body = try #require(try bench.body(of: response))
        try bench.set(response)
        let written = try bench.write("long", to: body)
        guard case .lastOperationFailed(let error) = written?.failure else {
            Issue.record("the write was taken")
            return
        }
        let code = try bench.host.call { try HttpTypesFunctions.httpErrorCode(err: error, in: $0) }
        #expect(code == .httpResponseBodySize(4))
        #expect(try bench.finish(body).failure == .httpResponseBodySize(4))
        #expect(bench.collector.isAborted)
    }

    @Test func theAnswerToHeadDeclaresALengthAndHasNoBody() throws {
        let bench = ResponseBench(isHead: true)
        let response = try bench.response([("content-length", "1000")])
        let body = try #require(try bench.body(of: response))
        try bench.set(response)
        #expect(try bench.finish(body).isOK)
        #expect(bench.collector.isFinished)
    }

    @Test func trailersAreSentLast() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        let body = try #require(try bench.body(of: response))
        try bench.set(response)
        let trailers = try bench.host.call { call throws in
            try FieldsResource.fromList(entries: [("x-sum", Array("1".utf8))], in: call).value
        }
        #expect(try bench.finish(body, trailers: trailers).isOK)
        #expect(bench.collector.trailers == ["x-sum": "1"])
    }

    /// A proxy hands on the trailers that it was given: what belongs to the other connection stays with that.
    @Test func trailersThatCameInAreSentWithoutWhatBelongsToTheirConnection() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        let body = try #require(try bench.body(of: response))
        try bench.set(response)
        let trailers = FieldsResource(received: ["x-sum": "1", "transfer-encoding": "chunked", "host": "a"])
        #expect(try bench.finish(body, trailers: trailers).isOK)
        #expect(bench.collector.trailers == ["x-sum": "1"])
    }

    @Test func bodyAndStreamAreGivenOnceAndFinishWaitsForTheStream() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        try bench.host.call { call throws in
            let body = try #require(try response.body(in: call).value)
            #expect(try !response.body(in: call).isOK)
            let stream = try #require(try body.write(in: call).value)
            #expect(try !body.write(in: call).isOK)
            #expect(throws: GuestFault.self) {
                try OutgoingBodyResource.finish(this: body, trailers: nil, in: call)
            }
            #expect(try stream.checkWrite(in: call).isOK)
        }
    }

    @Test func writesWaitForAClientThatDoesNotKeepUp() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        let body = try #require(try bench.body(of: response))
        try bench.set(response)
        bench.collector.isWritable = false
        try bench.host.call { call throws in
            let stream = try #require(try body.write(in: call).value)
            #expect(try stream.checkWrite(in: call).value == 0)
            let pollable = try stream.subscribe(in: call)
            #expect(try !pollable.ready(in: call))
            #expect(throws: HostLimitError.self) {
                try withGuestBytes("x") { try stream.blockingWriteAndFlush(contents: $0, in: call) }
            }
            var woken = false
            pollable.source.whenReady { woken = true }
            bench.collector.isWritable = true
            bench.writer.notify()
            bench.host.loop.run()
            #expect(woken)
            #expect(try stream.checkWrite(in: call).value ?? 0 > 0)
        }
    }

    @Test func aClientThatWentAwayMakesWritesFail() throws {
        let bench = ResponseBench()
        let response = try bench.response()
        let body = try #require(try bench.body(of: response))
        try bench.set(response)
        try bench.host.call { call throws in
            do {
                let stream = try #require(try body.write(in: call).value)
                #expect(try stream.checkWrite(in: call).isOK)
                bench.writer.close()
                #expect(try withGuestBytes("x") { try stream.write(contents: $0, in: call) }.failure != nil)
                #expect(try stream.checkWrite(in: call).failure?.isClosed == true)
                #expect(try stream.subscribe(in: call).ready(in: call))
            }
            #expect(
                try OutgoingBodyResource.finish(this: body, trailers: nil, in: call).failure == .connectionTerminated)
        }
    }

    @Test func aBlockingWriteThatNothingCanEndTraps() throws {
        var limits = WASILimits()
        limits.bufferedBodyBytes = 1000
        let bench = ResponseBench(host: TestHost(limits: limits))
        let response = try bench.response()
        let body = try #require(try bench.body(of: response))
        #expect(throws: GuestFault.self) { try bench.write(String(repeating: "x", count: 2000), to: body) }
    }

    @Test func anErrorInPlaceOfAResponseIsA500() throws {
        let bench = ResponseBench()
        var settled = 0
        bench.slot.onSettled = { settled += 1 }
        let outparam = ResponseOutparamResource(bench.slot)
        try bench.host.call { call throws in
            let headers = try FieldsResource.make(in: call)
            #expect(try !outparam.sendInformational(status: 103, headers: headers, in: call).isOK)
            #expect(
                try outparam.sendInformational(status: 200, headers: headers, in: call).failure == .httpProtocolError)
            try ResponseOutparamResource.set(param: outparam, response: .error(.loopDetected), in: call)
            #expect(throws: GuestFault.self) {
                try ResponseOutparamResource.set(param: outparam, response: .error(.loopDetected), in: call)
            }
        }
        #expect(bench.collector.head?.status == 500)
        #expect(bench.collector.isFinished)
        #expect(settled == 1)
        guard case .failed(.loopDetected) = bench.slot.state else {
            Issue.record("state is \(bench.slot.state)")
            return
        }
    }

    @Test func aResponseNeverSetLeavesTheSlotPending() throws {
        let bench = ResponseBench()
        do { _ = ResponseOutparamResource(bench.slot) }
        guard case .pending = bench.slot.state else {
            Issue.record("state is \(bench.slot.state)")
            return
        }
    }

    @Test func contradictoryLengthsHaveNoBody() throws {
        let bench = ResponseBench()
        let response = try bench.response([("content-length", "1"), ("content-length", "2")])
        #expect(try bench.body(of: response) == nil)
        try bench.set(response)
        #expect(bench.collector.isAborted)
    }
}
