import Capabilities
package import ComponentModel
import WASI

/// All interfaces that this version of Swirl offers to components.
package enum HostInterfaces {
    package static let registry = HostRegistry(
        WASI.interfaces + Capabilities.interfaces,
        // Known, linked, and not there yet: a call traps and says so.
        announced: ["fermyon:spin/", "spin:", "wasi:"], coreFunctions: Preview1.hostFunctions)
}
