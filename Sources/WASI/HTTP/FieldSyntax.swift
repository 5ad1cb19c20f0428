/// What names and values of header fields may be, and which names a guest may not use.
///
/// Source: RFC 9110, 5.1 and 5.5; the forbidden names are those of Wasmtime and Spin.
package enum FieldSyntax {
    /// Names that belong to the connection, not to the message: the host sets them, and guests never see them.
    private static let forbidden: [StaticString] = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "transfer-encoding", "upgrade", "host", "http2-settings",
    ]

    /// `name` (in lower case) is one that guests neither see nor set.
    package static func isForbidden(_ name: some Collection<UInt8>) -> Bool {
        self.forbidden.contains { forbidden in
            let utf8 = UnsafeBufferPointer(start: forbidden.utf8Start, count: forbidden.utf8CodeUnitCount)
            return utf8.count == name.count && utf8.elementsEqual(name)
        }
    }

    /// The name in lower case; `nil` when it is no token.
    static func normalized(name: String) -> [UInt8]? {
        let utf8 = name.utf8
        guard !utf8.isEmpty, utf8.count <= 1 << 16 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(utf8.count)
        for byte in utf8 {
            guard self.isToken(byte) else { return nil }
            result.append(self.lowercased(byte))
        }
        return result
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { self.isToken($0) }
    }

    /// Any byte but the control characters; a tab may stand in a value.
    static func isValid(value: [UInt8], of name: [UInt8]) -> Bool {
        if name.elementsEqual("content-length".utf8) { return self.contentLength(value) != nil }
        return value.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }

    /// The number that a `content-length` value stands for: digits only.
    static func contentLength(_ value: some Collection<UInt8>) -> UInt64? {
        guard !value.isEmpty else { return nil }
        var length: UInt64 = 0
        for byte in value {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, tooLarge) = length.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            if tooLarge || overflow { return nil }
            length = sum
        }
        return length
    }
}
