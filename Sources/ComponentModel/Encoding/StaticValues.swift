/// Values as they lie in a 32-bit memory from its beginning (CanonicalABI.md, "Storing"): those that refuse something.
struct StaticValues {
    private(set) var bytes: [UInt8] = []

    /// Gives the address; nil for a value that is no refusal.
    mutating func add(_ value: ComponentValue, _ type: ValueType) -> Int? {
        let address = self.reserve(type.layout(.i32))
        return self.store(value, type, at: address) ? address : nil
    }

    private mutating func reserve(_ layout: Layout) -> Int {
        let address = Layout.align(self.bytes.count, to: layout.alignment)
        self.bytes += [UInt8](repeating: 0, count: address + layout.size - self.bytes.count)
        return address
    }

    private mutating func store(_ number: Int, size: Int, at address: Int) {
        for index in 0..<size { self.bytes[address + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
    }

    private mutating func store(_ value: ComponentValue, _ type: ValueType, at address: Int) -> Bool {
        switch (value, type) {
        // Nothing, at the address 0.
        case (.list(let elements), .list): return elements.isEmpty
        case (.string(let text), .string):
            self.store(self.bytes.count, size: 4, at: address)
            self.store(text.utf8.count, size: 4, at: address + 4)
            self.bytes += Array(text.utf8)
            return true
        default:
            guard let cases = VariantCases(type), let (index, payload) = cases.find(value) else { return false }
            self.store(index, size: Layout.discriminantSize(caseCount: cases.count), at: address)
            guard let payload else { return true }
            guard let payloadType = cases.payload(index) else { return false }
            return self.store(payload, payloadType, at: address + type.payloadOffset(.i32))
        }
    }
}
