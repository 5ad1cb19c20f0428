/// The readable end of a stream or future in the host's hands.
///
/// Holding it or letting it go is all that the host does with it; the reading is done by a ``StreamSink``.
///
/// Its subclasses know what the end is of; by itself it is one whose type is known at run time only.
@usableFromInline
package class HostEnd: Hashable {
    /// What ``lift(_:payload:isFuture:from:componentInstance:)`` takes from a guest.
    @usableFromInline
    package struct Lifted {
        @usableFromInline
        package let shared: SharedStream
        @usableFromInline
        package let lifetime: StreamLifetime?
    }

    final let shared: SharedStream
    private(set) final var isGone = false
    /// That of the instance whose guest gave the end away.
    final let lifetime: StreamLifetime?

    @usableFromInline
    package init(_ shared: SharedStream, lifetime: StreamLifetime? = nil) {
        self.shared = shared
        self.lifetime = lifetime
    }

    deinit {
        self.drop()
    }

    /// The end, for whoever takes its place; nil when it is gone already.
    final func take() -> SharedStream? {
        guard !self.isGone else { return nil }
        self.isGone = true
        return self.shared
    }

    @usableFromInline
    package final func give() throws -> SharedStream {
        guard let shared = self.take() else {
            throw HostLimitError("the readable end of a stream or future is given away twice")
        }
        return shared
    }

    /// Reads no more: the writer sees that its reader is gone.
    package final func drop() {
        self.take()?.drop(byReader: true)
    }

    /// Takes a readable end that a guest gives away out of its table.
    static func lift(
        _ handle: UInt32, payload: UInt32, isFuture: Bool, from instance: ComponentInstance, componentInstance: Int
    ) throws -> Lifted {
        let kind = isFuture ? AsyncHandle.readableFuture : AsyncHandle.readableStream
        let end = try instance.object(handle, kind: kind, componentInstance: componentInstance, as: CopyEnd.self)
        let what = isFuture ? "future" : "stream"
        guard end.shared.payload == payload else {
            throw GuestFault("handle index \(handle) is a \(what) of another type")
        }
        switch end.state {
        case .idle: break
        case .copying, .cancelling: throw GuestFault("cannot remove busy \(what)")
        case .done where isFuture: throw GuestFault("cannot lift future after previous read succeeded")
        case .done: throw GuestFault("cannot lift stream after being notified that the writable end dropped")
        }
        guard end.set == nil else { throw GuestFault("cannot lift \(what) while it's in a waitable set") }
        _ = try instance.removeObject(handle, kind: kind, componentInstance: componentInstance, as: CopyEnd.self)
        end.detach()
        return Lifted(shared: end.shared, lifetime: instance.streamLifetime)
    }

    /// Gives the readable end to a guest: a new handle.
    static func lower(
        _ shared: SharedStream, to instance: ComponentInstance, componentInstance: Int
    ) throws -> UInt32 {
        let end = CopyEnd(shared, isReader: true, instance: instance, componentInstance: componentInstance)
        do {
            return try instance.insert(end, kind: end.kind, componentInstance: componentInstance)
        } catch {
            end.drop()
            throw error
        }
    }

    @usableFromInline
    package static func == (lhs: HostEnd, rhs: HostEnd) -> Bool { lhs === rhs }

    @usableFromInline
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Streams between two of the host's parts that end with an instance.
@usableFromInline
package final class StreamLifetime {
    private struct Entry {
        weak var stream: SharedStream?
    }

    private var entries: [Entry] = []

    func add(_ stream: SharedStream) {
        if self.entries.count == self.entries.capacity { self.entries.removeAll { $0.stream == nil } }
        self.entries.append(Entry(stream: stream))
    }

    func end() {
        let entries = self.entries
        self.entries = []
        for entry in entries { entry.stream?.cut() }
    }
}
