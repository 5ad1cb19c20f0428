/// A component that cannot be linked with this host: an import that nobody provides, or of another type.
package struct LinkError: Error, CustomStringConvertible {
    /// The component's name in the application.
    package let component: String
    package let message: String

    package init(component: String, _ message: String) {
        self.component = component
        self.message = message
    }

    package var description: String { "component \"\(self.component)\": \(self.message)" }
}

/// A guest called a function that links, but that this version of Swirl does not provide.
package struct UnprovidedFunction: Error, CustomStringConvertible {
    /// The function: `fermyon:spin/key-value@2.0.0#[static]store.open`.
    package let name: String

    package var description: String { "\(self.name) was called; this version of Swirl does not provide it" }
}
