/// Text of dynamic values, in the guest's encoding.
extension ValueContext {
    /// `length` is as the guest gives it: code units of its encoding, tagged where the encoding says so.
    func liftString(_ pointer: UInt64, _ length: UInt64) throws -> String {
        let text = EncodedText(length: length, encoding: self.encoding, addressType: self.addressType)
        guard text.byteCount <= EncodedText.maximumBytes else { throw GuestFault.textTooLong(text) }
        let view = try self.view(pointer, size: text.byteCount, alignment: self.encoding.alignment)
        try self.instance.chargeLift(view.count)
        let bytes = UnsafeRawBufferPointer(start: view.base, count: view.count)
        guard let string = String(bytes, form: text.form) else { throw GuestFault.illFormedText(text.form) }
        return string
    }

    /// The length is tagged where the encoding says so.
    func lowerString(_ string: String) throws -> (pointer: UInt64, length: UInt64) {
        var string = string
        return try string.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            guard bytes.count <= EncodedText.maximumBytes / (self.encoding == .utf8 ? 1 : 2) else {
                throw HostLimitError("a string of \(bytes.count) bytes is longer than a guest may get")
            }
            let store = TextStore(
                origin: HostText(utf8: bytes),
                destination: GuestAllocator(instance: self.instance, lowering: self.lowering))
            let stored = try store.store(
                EncodedText(form: .utf8, units: bytes.count), as: self.encoding, from: .utf8)
            return (stored.pointer, stored.text.length(self.encoding, self.addressType))
        }
    }
}
