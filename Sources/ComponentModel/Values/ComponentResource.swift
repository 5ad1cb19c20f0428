/// A resource that the embedder holds: it came out of an instance, or is the host's own.
///
/// One that a guest implements must be given back, as an argument or by ``ComponentInstance/drop(_:)``: only a call can
/// run its destructor.
package final class ComponentResource: Hashable, CustomStringConvertible {
    /// The instance that it came out of.
    private(set) weak var owner: ComponentInstance?
    /// Run-time number of the resource type.
    let type: UInt32
    /// What the implementer calls it.
    package let representation: UInt32
    /// Whether the resource was given away or dropped: it is of no use any more.
    package internal(set) var isGone = false
    /// Whether dropping it ends the resource; false for one that was lent.
    package let isOwned: Bool

    init(owner: ComponentInstance, type: UInt32, representation: UInt32, isOwned: Bool) {
        self.owner = owner
        self.type = type
        self.representation = representation
        self.isOwned = isOwned
    }

    package static func == (lhs: ComponentResource, rhs: ComponentResource) -> Bool { lhs === rhs }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

    package var description: String { "#\(self.representation)" }
}
