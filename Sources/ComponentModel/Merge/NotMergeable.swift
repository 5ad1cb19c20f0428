/// Why modules are not merged: never a fault of theirs, only a reason to run them one by one.
struct NotMergeable: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
