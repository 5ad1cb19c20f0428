/// Text as a guest describes it: a pointer, a length whose highest bit may be a tag, an encoding.
///
/// Source: Component Model, `CanonicalABI.md`, "load_string_from_range".
package struct EncodedText {
    /// What the bytes are, once the tag is known.
    package enum Form {
        case utf8
        case latin1
        case utf16
    }

    /// Set in a length of `latin1+utf16` that counts UTF-16 code units.
    package static let utf16Tag: UInt32 = 1 << 31
    /// Longest text in bytes, in any encoding.
    package static let maximumBytes = (1 << 28) - 1
    /// Most of a text that costs nothing to look at twice.
    fileprivate static let shortBytes = 256

    package let form: Form
    /// Code units: bytes, or 16-bit units of UTF-16.
    package let units: Int

    package init(taggedUnits: UInt32, encoding: StringEncoding) {
        switch encoding {
        case .utf8: (self.form, self.units) = (.utf8, Int(taggedUnits))
        case .utf16: (self.form, self.units) = (.utf16, Int(taggedUnits))
        case .latin1OrUTF16:
            let isUTF16 = taggedUnits & Self.utf16Tag != 0
            (self.form, self.units) = (isUTF16 ? .utf16 : .latin1, Int(taggedUnits & ~Self.utf16Tag))
        }
    }

    package init(form: Form, units: Int) {
        self.form = form
        self.units = units
    }

    package var byteCount: Int { self.form == .utf16 ? self.units * 2 : self.units }
}

extension StringEncoding {
    /// What a pointer to text must be a multiple of.
    package var alignment: Int { self == .utf8 ? 1 : 2 }

    package var title: String {
        switch self {
        case .utf8: "UTF-8"
        case .utf16: "UTF-16"
        case .latin1OrUTF16: "Latin-1 or UTF-16"
        }
    }
}

extension String {
    /// The text in `bytes`, copied; nil when it is ill-formed.
    package init?(_ bytes: UnsafeRawBufferPointer, form: EncodedText.Form) {
        switch form {
        case .utf8:
            // Looked at here: the standard library takes several times as long for what it may refuse.
            if bytes.count <= EncodedText.shortBytes, TextScan.asciiPrefix(bytes) == bytes.count {
                self.init(decoding: bytes, as: UTF8.self)
                return
            }
            guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
            self = string
        case .latin1:
            self = String(unsafeUninitializedCapacity: TextScan.utf8Length(latin1: bytes)) { room in
                var conversion = TextConversion(bytes, to: UnsafeMutableRawBufferPointer(room))
                _ = conversion.latin1ToUTF8()
                return conversion.written
            }
        case .utf16:
            guard let base = bytes.baseAddress else {
                self = ""
                return
            }
            let length = TextScan.utf8Length(utf16: base, units: bytes.count / 2)
            var end = TextConversion.End.done
            self = String(unsafeUninitializedCapacity: length) { room in
                var conversion = TextConversion(bytes, to: UnsafeMutableRawBufferPointer(room))
                end = conversion.utf16ToUTF8()
                return conversion.written
            }
            guard case .done = end else { return nil }
        }
    }
}
