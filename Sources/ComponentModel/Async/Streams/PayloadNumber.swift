import Synchronization

/// The number of a type that streams and futures carry: the same for the same type everywhere in the process, as long as
/// somebody keeps one of its objects. Numbers are never used again.
@usableFromInline
package final class PayloadNumber: Sendable {
    @usableFromInline
    package let value: UInt32
    private let signature: String

    private init(_ value: UInt32, _ signature: String) {
        self.value = value
        self.signature = signature
    }

    deinit {
        let (value, signature) = (self.value, self.signature)
        Self.table.withLock { table in
            // Another object may have come in the meantime.
            if table.numbers[signature]?.value == value { table.numbers[signature] = nil }
        }
    }

    private struct Entry {
        let value: UInt32
        weak var object: PayloadNumber?
    }

    private struct Table {
        var numbers: [String: Entry] = [:]
        var next = StreamPayload.byte + 1
    }

    private static let table = Mutex(Table())
    private static let nothing = PayloadNumber(StreamPayload.nothing, "")
    private static let byte = PayloadNumber(StreamPayload.byte, "u8")

    /// - Parameter signature: a payload's canonical text; empty for a stream without a type.
    @usableFromInline
    package static func of(_ signature: String) -> PayloadNumber {
        switch signature {
        case "": return Self.nothing
        case "u8": return Self.byte
        default: break
        }
        return Self.table.withLock { table in
            if let known = table.numbers[signature]?.object { return known }
            let number = PayloadNumber(table.next, signature)
            table.next &+= 1
            table.numbers[signature] = Entry(value: number.value, object: number)
            return number
        }
    }

    /// - Parameter resourceNames: of the plan that the type is from, which bounds its text.
    static func of(_ type: ValueType?, resourceNames: @autoclosure () -> [String]) -> PayloadNumber {
        switch type {
        case nil: return Self.nothing
        case .u8: return Self.byte
        case let type?:
            var writer = SignatureWriter(resourceNames: resourceNames())
            writer.write(type)
            return Self.of(writer.text)
        }
    }
}
