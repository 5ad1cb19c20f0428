/// A core module or component as a script writes it.
package struct ModuleText: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case core
        case component
    }

    package enum Encoding: Hashable, Sendable {
        /// Text in the script; the second ranges are words of the script language in it.
        case text(Range<Int>, blanks: [Range<Int>])
        /// Text in strings: the fields of a module or component.
        case quote([UInt8])
        case binary([UInt8])
    }

    package let kind: Kind
    package let name: String?
    package let encoding: Encoding
}
