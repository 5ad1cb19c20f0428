package import ComponentModel

extension Component {
    /// The names of what it exports, for messages.
    var exportList: String {
        let names = self.plan.exports.map(\.name.text)
        return names.isEmpty ? "nothing" : names.joined(separator: ", ")
    }

    /// The function by which a trigger calls the component, once its type is known to be the one that the call is for.
    ///
    /// Such a call passes flat values: with another type they would be written past those that there are.
    ///
    /// - Parameters:
    ///   - interface: without its version.
    ///   - export: the interface's name as the component exports it, for messages.
    ///   - type: in canonical text, see ``HostFunction/signature``.
    package func handler(
        _ name: String, in interface: String, of export: String, type: String, id: String
    ) throws(ComponentLoadError) -> ExportedFunction {
        guard let function = self.exportedFunction(name, in: interface) else {
            throw ComponentLoadError(component: id, "its export \(export) has no function `\(name)`")
        }
        guard function.signature == type else {
            throw ComponentLoadError(
                component: id,
                "the function `\(name)` of its export \(export) has the type \(function.signature), not \(type)")
        }
        guard !function.passesThroughWideMemory else {
            throw ComponentLoadError(
                component: id,
                "the function `\(name)` of its export \(export) passes values in a 64-bit memory, which triggers cannot "
                    + "read: it must be lifted with a 32-bit memory")
        }
        return function
    }
}
