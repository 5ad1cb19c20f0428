/// An application that cannot be served, for a reason of its own.
package struct TriggerError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
