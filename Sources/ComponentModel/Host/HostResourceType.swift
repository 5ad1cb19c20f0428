import Synchronization

/// A resource type that the host defines, such as `wasi:io/streams.input-stream`.
///
/// The same for every version of its interface's release line: that is how a component may mix versions.
package struct HostResourceType: Hashable, Sendable {
    /// The defining interface, with its release line from 0.3 on, a dot, and the resource's name.
    package let identity: String

    /// A number for `identity`, the same wherever in the process the type is named; never 0 and below `localIDs`.
    package let id: UInt32

    /// Where the numbers of resource types that components define begin.
    package static let localIDs: UInt32 = 0x8000_0000

    private static let interned = Mutex<[String: UInt32]>([:])

    package init(interface: String, name: String) {
        self.init(identity: "\(interface).\(name)")
    }

    package init(identity: String) {
        self.identity = identity
        self.id = Self.interned.withLock { ids in
            if let id = ids[identity] { return id }
            let id = UInt32(ids.count) + 1
            ids[identity] = id
            return id
        }
    }
}
