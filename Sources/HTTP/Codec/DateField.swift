#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The `date` field line (RFC 9110 5.6.7), made once a second.
struct DateField {
    private var second: time_t = -1
    private(set) var line: [UInt8] = []
    /// The value of the field alone.
    private(set) var text = ""

    /// Makes the line anew when the second has changed.
    mutating func update() {
        self.update(to: time(nil))
    }

    mutating func update(to now: time_t) {
        guard now != self.second else {
            return
        }
        self.second = now
        self.line = Self.line(at: now)
        self.text = String(decoding: self.line.dropFirst(6).dropLast(2), as: UTF8.self)
    }

    static func line(at second: time_t) -> [UInt8] {
        var second = second
        var time = tm()
        gmtime_r(&second, &time)
        let days: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months: [StaticString] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let day = days[Int(time.tm_wday) % 7]
        let month = months[Int(time.tm_mon) % 12]
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let date = "\(two(time.tm_mday)) \(month) \(Int(time.tm_year) + 1900)"
        let clock = "\(two(time.tm_hour)):\(two(time.tm_min)):\(two(time.tm_sec))"
        return Array("date: \(day), \(date) \(clock) GMT\r\n".utf8)
    }
}
