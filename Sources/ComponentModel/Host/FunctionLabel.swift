/// A function as a person knows it: `wasi:io/streams@0.2.0#[method]input-stream.read`. The text is made when somebody
/// asks for it: an interface may have a long name and many functions.
package enum FunctionLabel: Sendable, CustomStringConvertible {
    case named(String)
    /// Of the host; nil for one outside any interface.
    case imported(ExternName?, String)

    package var description: String {
        switch self {
        case .named(let name): name
        case .imported(let interface, let name): "\(HostInterfaceKey(interface))#\(name)"
        }
    }
}
