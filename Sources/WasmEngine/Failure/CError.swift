import CWasmtime

/// Takes messages and bytes out of C objects and frees them.
package enum CError {
    /// The text of an error in one line. The error is freed.
    static func takeLine(_ error: OpaquePointer) -> String {
        Self.oneLine(Self.takeMessage(error))
    }

    /// The text of an error, which is freed.
    package static func takeMessage(_ error: OpaquePointer) -> String {
        defer { wasmtime_error_delete(error) }
        return Self.string { wasmtime_error_message(error, $0) }
    }

    /// The reasons in a report of several lines, without the backtrace that it may start with.
    package static func oneLine(_ report: String) -> String {
        var parts: [String] = []
        var rest = report[...]
        while true {
            let marker = rest.firstRange(of: "Caused by:")
            let lines = rest[..<(marker?.lowerBound ?? rest.endIndex)].split(whereSeparator: \.isNewline)
            let part = lines.map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }.joined(separator: " ")
            if !part.isEmpty, !part.hasPrefix("error while executing at wasm backtrace") {
                parts.append(part)
            }
            guard let marker else {
                break
            }
            rest = rest[marker.upperBound...]
        }
        return parts.isEmpty ? report : parts.joined(separator: ": ")
    }

    /// Runs a call that fills a byte vector or fails.
    static func bytes(
        _ fill: (UnsafeMutablePointer<wasm_byte_vec_t>) -> OpaquePointer?
    ) throws(CErrorMessage) -> [UInt8] {
        var vector = wasm_byte_vec_t()
        if let error = fill(&vector) {
            throw CErrorMessage(text: Self.takeMessage(error))
        }
        defer { wasm_byte_vec_delete(&vector) }
        return Array(UnsafeBufferPointer(start: vector.data, count: vector.size))
    }

    /// Runs a call that fills a byte vector with text.
    static func string(_ fill: (UnsafeMutablePointer<wasm_byte_vec_t>) -> Void) -> String {
        var vector = wasm_byte_vec_t()
        fill(&vector)
        defer { wasm_byte_vec_delete(&vector) }
        return Self.string(vector)
    }

    /// A copy of text that something else owns.
    static func string(_ vector: wasm_byte_vec_t) -> String {
        String(decoding: UnsafeBufferPointer(start: vector.data, count: vector.size).prefix { $0 != 0 }, as: UTF8.self)
    }
}

struct CErrorMessage: Error {
    let text: String
}
