/// What the fields of a message say of the length of its body.
enum DeclaredLength {
    case none
    case bytes(Int)
    /// A `content-length` that is no number, or several that differ.
    case invalid
}

extension HTTPFields {
    var declaredLength: DeclaredLength {
        var declared = DeclaredLength.none
        var start = 0
        while let index = self.firstIndex(of: "content-length", from: start) {
            guard let length = self.withValue(at: index, Bytes.decimal) else { return .invalid }
            if case .bytes(let other) = declared, other != length { return .invalid }
            declared = .bytes(length)
            start = index &+ 1
        }
        return declared
    }
}
