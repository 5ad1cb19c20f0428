/// What a fixture could not do; the text is all that a failed test shows.
struct TestError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
