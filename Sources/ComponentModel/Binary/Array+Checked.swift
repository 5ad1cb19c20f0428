extension Array {
    /// The element at an index that came from a file; `nil` if there is none.
    subscript(checked index: UInt32) -> Element? {
        Int(index) < self.count ? self[Int(index)] : nil
    }
}
