import Foundation
import WasmEngine

/// A `stream<u8>` from the host through a guest and back to the host, against memcpy.
struct StreamBenchmark: Benchmark {
    let name = "stream"
    let summary = "64 KiB of stream<u8> through a guest that echoes it, against memcpy"

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let file = try ComponentBytes.read(try setting.guest("stream-echo"))
        let guest = try StreamEchoGuest(file, engine: try Engine())
        let copy = MemoryCopy(byteCount: StreamEchoGuest.blockSize)
        let bodies: [(Int) throws -> Void] = [guest.echo, StreamEchoGuest.passOn, copy.run]
        let subjects = try bodies.map { body in
            Stopwatch.nanoseconds(times: try Stopwatch.repetitions(lasting: setting.roundSeconds, body), body)
        }
        let samples = try setting.rounds.measure(subjects)
        let baseline = BenchmarkResult.Side(label: "memcpy", samples: samples[2])
        // A stream's buffers do not grow with what passes through them.
        let process = ProcessInfo.processInfo.processIdentifier
        let before = try ResidentMemory.bytes(of: process)
        try guest.echo(blocks: (1 << 30) / StreamEchoGuest.blockSize)
        let growth = try ResidentMemory.bytes(of: process) - before
        return [
            BenchmarkResult(
                "stream/echo", .nanoseconds, .init(label: "host → guest → host", samples: samples[0]),
                against: baseline, goal: .atMost(5),
                remark: "two copies and two built-ins; 1 GiB more in one call took \(Unit.bytes.text(max(0, growth)))"),
            BenchmarkResult(
                "stream/pass-on", .nanoseconds, .init(label: "host → host", samples: samples[1]), against: baseline,
                goal: .atMost(4), remark: "a stream that a guest gave back unread"),
        ]
    }
}
