/// A name of core WebAssembly: equal to another only if it is the same bytes. `String` takes for equal what Unicode calls
/// canonically equivalent, as "é" in one code point and in two.
package struct CoreName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package init(stringLiteral text: String) {
        self.text = text
    }

    package var description: String { self.text }

    package static func == (one: CoreName, other: CoreName) -> Bool {
        let (one, other) = (one.text.utf8, other.text.utf8)
        return one.count == other.count && one.elementsEqual(other)
    }

    package func hash(into hasher: inout Hasher) {
        var text = self.text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // What comes next must not look like the rest of the name.
        hasher.combine(0xFF as UInt8)
    }
}
