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

    /// Longest text in bytes, in any encoding.
    package static let maximumBytes = (1 << 28) - 1
    /// Most of a text that costs nothing to look at twice.
    fileprivate static let shortBytes = 256

    package let form: Form
    /// Code units: bytes, or 16-bit units of UTF-16.
    package let units: Int

    /// - Parameter length: as a guest gives it: code units, tagged where the encoding says so.
    package init(length: UInt64, encoding: StringEncoding, addressType: AddressType) {
        switch encoding {
        case .utf8: self.init(form: .utf8, length: length)
        case .utf16: self.init(form: .utf16, length: length)
        case .latin1OrUTF16:
            let isUTF16 = length & addressType.utf16Tag != 0
            self.init(form: isUTF16 ? .utf16 : .latin1, length: length & ~addressType.utf16Tag)
        }
    }

    /// Lengths that are far too long are all the same, so that what is made of them does not overflow.
    private init(form: Form, length: UInt64) {
        self.init(form: form, units: Int(min(length, 1 << 48)))
    }

    package init(form: Form, units: Int) {
        self.form = form
        self.units = units
    }

    /// The length as a guest gets it: tagged where its encoding says so.
    package func length(_ encoding: StringEncoding, _ addressType: AddressType) -> UInt64 {
        let isTagged = encoding == .latin1OrUTF16 && self.form == .utf16
        return UInt64(self.units) | (isTagged ? addressType.utf16Tag : 0)
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
