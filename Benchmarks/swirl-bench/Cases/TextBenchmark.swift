import WasmEngine

/// Text of 1 MiB between a guest and a host function, against memcpy and the standard library.
struct TextBenchmark: Benchmark {
    let name = "text"
    let summary = "1 MiB of text to and from a host function, against memcpy and the standard library's conversion"

    func run(in setting: Setting) throws -> [BenchmarkResult] {
        let size = 1 << 20
        let text = String(repeating: "The quick brown fox. ", count: size / 21)
        let engine = try Engine()
        let utf8 = try TextGuest(try ComponentBytes.read(try setting.guest("text8")), text: text, engine: engine)
        let utf16 = try TextGuest(try ComponentBytes.read(try setting.guest("text16")), text: text, engine: engine)
        let copy = MemoryCopy(byteCount: size)
        let wide = Array(text.utf16)
        let library = StandardLibrary(text: text, units: wide)
        let bodies: [(Int) throws -> Void] = [
            utf8.send, utf8.receive, copy.run, utf16.send, utf16.receive, library.decode, library.encode,
        ]
        let samples = try setting.rounds.measure(
            try bodies.map { body in
                Stopwatch.nanoseconds(times: try Stopwatch.repetitions(lasting: setting.roundSeconds, body), body)
            })
        let memcpy = BenchmarkResult.Side(label: "memcpy", samples: samples[2])
        return [
            BenchmarkResult(
                "text/to-host", .nanoseconds, .init(label: "UTF-8, guest → host", samples: samples[0]),
                against: memcpy, goal: .atMost(3)),
            BenchmarkResult(
                "text/from-host", .nanoseconds, .init(label: "UTF-8, host → guest", samples: samples[1]),
                against: memcpy, goal: .atMost(3)),
            BenchmarkResult(
                "text/utf16-to-host", .nanoseconds, .init(label: "UTF-16, guest → host", samples: samples[3]),
                against: .init(label: "String(decoding:)", samples: samples[5]), goal: .atMost(3)),
            BenchmarkResult(
                "text/utf16-from-host", .nanoseconds, .init(label: "UTF-16, host → guest", samples: samples[4]),
                against: .init(label: "Array(utf16)", samples: samples[6]), goal: .atMost(3)),
        ]
    }
}

/// The standard library's own conversions.
private final class StandardLibrary {
    private let text: String
    private let units: [UInt16]
    private var sink = 0

    init(text: String, units: [UInt16]) {
        self.text = text
        self.units = units
    }

    func decode(times: Int) {
        for _ in 0..<times { self.sink &+= String(decoding: self.units, as: UTF16.self).utf8.count }
    }

    func encode(times: Int) {
        for _ in 0..<times { self.sink &+= Array(self.text.utf16).count }
    }
}
