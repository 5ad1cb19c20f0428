import Foundation

/// Components of WASI 0.3 in text, made of a handler in a few lines of core WebAssembly.
enum ConcurrentGuest {
    private static let sources = Places.repository.appending(path: "Tests/Guests/src/concurrent")

    /// - Parameters:
    ///   - code: defines `handle` (param i32) (result i32), and `callback` unless it never waits; what it can use is
    ///     said in `component.wat.in`.
    ///   - isMiddleware: imports a handler as well: `next` (request, result pointer).
    static func text(_ code: String, version: String = "0.3.0", isMiddleware: Bool = false) throws -> String {
        var code = code
        if !code.contains("\"callback\"") {
            code += #"(func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0))"#
        }
        var text = try String(contentsOf: self.sources.appending(path: "component.wat.in"), encoding: .utf8)
        text = text.split(separator: "\n").filter { !$0.hasPrefix(";; ") || $0.hasPrefix(self.middlewareMark) }
            .joined(separator: "\n")
        if isMiddleware { text.replace(self.middlewareMark, with: "") }
        text.replace("VERSION", with: version)
        text.replace("CLOCKS", with: "0.3.0")
        text.replace("CODE", with: code)
        return text
    }

    /// The code of `src/concurrent/NAME.wat`.
    static func source(_ name: String) throws -> String {
        try String(contentsOf: self.sources.appending(path: "\(name).wat"), encoding: .utf8)
    }

    private static let middlewareMark = ";; middleware: "
}
