/// Times work in this process.
enum Stopwatch {
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return self.seconds(since: start)
    }

    static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .seconds(1)
    }

    /// How often `body` has to run to take about `seconds`: at least once. Warms it up too.
    static func repetitions(lasting seconds: Double, _ body: (_ times: Int) throws -> Void) rethrows -> Int {
        var times = 1
        while true {
            let elapsed = try self.seconds { try body(times) }
            if elapsed >= seconds / 4 || times >= 1 << 30 {
                return max(1, Int(Double(times) * seconds / elapsed))
            }
            times *= 4
        }
    }

    /// A subject that runs `body` so many times and gives the nanoseconds of one.
    static func nanoseconds(times: Int, _ body: @escaping (_ times: Int) throws -> Void) -> () throws -> Double {
        { try self.seconds { try body(times) } * 1e9 / Double(times) }
    }
}
