/// What the two ends of a stream or future have in common: whose turn it is, and how items get across.
///
/// Each end is a guest's (``CopyEnd``), at work for the host (``StreamSource``, ``StreamSink``), or on its way from one
/// to the other. Items are never kept here: they move when both sides are ready.
/// Source: Component Model, `CanonicalABI.md`, "Stream State" and "Future State".
@usableFromInline
package final class SharedStream {
    let isFuture: Bool
    /// The payload's number; see ``StreamPayload``. Nil for a stream that the host has made and no guest has seen.
    private(set) var payload: UInt32?

    // Ends of guests keep their stream, and take themselves out before they go: here, and below.
    private unowned(unsafe) var reader: CopyEnd?
    private unowned(unsafe) var writer: CopyEnd?
    private(set) var source: StreamSource?
    private(set) var sink: StreamSink?
    /// The guest's end whose copy waits for the other side.
    private unowned(unsafe) var pending: CopyEnd?
    /// One of the ends is gone.
    private(set) var isDropped = false

    /// The host's side is at work: it must not be called again from inside.
    private var isBusy = false
    private var wasWoken = false
    /// The end that waits for the host, as its instance knows.
    private unowned(unsafe) var waitsForHost: CopyEnd?

    init(isFuture: Bool, payload: UInt32?, source: StreamSource? = nil) {
        self.isFuture = isFuture
        self.payload = payload
        self.source = source
    }

    func setPayload(_ payload: UInt32) {
        self.payload = payload
    }

    // MARK: Ends

    func attach(_ end: CopyEnd) {
        if end.isReader { self.reader = end } else { self.writer = end }
        self.countHostWait()
    }

    func detach(_ end: CopyEnd) {
        if self.pending === end { self.pending = nil }
        if end.isReader { self.reader = nil } else { self.writer = nil }
        self.countHostWait()
    }

    /// An end is freed together with its instance, of which nothing may be touched any more.
    func vanish(_ end: CopyEnd, isCut: Bool) {
        if self.waitsForHost === end { self.waitsForHost = nil }
        if self.pending === end { self.pending = nil }
        let other = end.isReader ? self.writer : self.reader
        if end.isReader { self.reader = nil } else { self.writer = nil }
        if let other, other.instanceIdentity == end.instanceIdentity {
            self.pending = nil
            return
        }
        self.drop(byReader: end.isReader, isCut: isCut)
    }

    /// One side is gone; what it left undone is told to the other.
    ///
    /// - Parameter isCut: its instance broke off: what came is not all.
    func drop(byReader: Bool, isCut: Bool = false) {
        if byReader { self.sink = nil } else { self.source = nil }
        guard !self.isDropped else { return }
        self.isDropped = true
        if let end = self.pending {
            self.pending = nil
            end.complete(.success(.dropped))
        }
        self.countHostWait()
        if byReader {
            let source = self.source
            self.source = nil
            source?.cancel()
        } else {
            let sink = self.sink
            self.sink = nil
            if isCut { sink?.cut() } else { sink?.finish() }
        }
    }

    // MARK: Copies of guests

    /// Moves what can be moved for a copy that begins, or keeps it until the other side is ready.
    func copy(_ end: CopyEnd) throws {
        defer { self.countHostWait() }
        guard !self.isDropped else { return end.complete(.success(.dropped)) }
        if end.isReader ? self.source != nil : self.sink != nil {
            self.pending = end
            return try self.serve(end)
        }
        guard let other = self.pending else {
            self.pending = end
            return
        }
        try self.checkInstances(end, other)
        if self.isFuture {
            try self.move(1, end, other)
            self.pending = nil
            other.complete(.success(.completed))
            end.complete(.success(.completed))
        } else if other.remaining > 0 {
            if end.remaining > 0 {
                try self.move(min(end.remaining, other.remaining), end, other)
                other.complete(.success(.completed), mayGrow: true)
            }
            end.complete(.success(.completed))
        } else if !end.isReader, end.length == 0, other.length == 0 {
            end.complete(.success(.completed))
        } else {
            self.pending = end
            other.complete(.success(.completed))
        }
    }

    /// The guest learns of the end of a copy: its buffer is its own again.
    func reclaim(_ end: CopyEnd) {
        if self.pending === end { self.pending = nil }
        self.countHostWait()
    }

    /// The end's instance is being freed: nothing is moved to or from the guest's memory any more.
    func stopCopy(of end: CopyEnd) {
        if self.waitsForHost === end { self.waitsForHost = nil }
        if self.pending === end { self.pending = nil }
    }

    /// Ends the copy of an end that still waits.
    func cancel(_ end: CopyEnd) {
        if self.pending === end { self.pending = nil }
        end.complete(.success(.cancelled))
        self.countHostWait()
    }

    private func checkInstances(_ end: CopyEnd, _ other: CopyEnd) throws {
        guard let operation = end.operation, let otherOperation = other.operation else { return }
        guard end.instanceIdentity == other.instanceIdentity else {
            guard operation.payload.transfer != .values, otherOperation.payload.transfer != .values else {
                throw HostLimitError("values other than numbers cannot go from one application instance to another")
            }
            return
        }
        guard end.componentInstance != other.componentInstance || operation.payload.allowsSameInstance else {
            throw GuestFault("cannot read from and write to intra-component future/stream with non-numeric payload")
        }
    }

    private func move(_ count: Int, _ end: CopyEnd, _ other: CopyEnd) throws {
        let (from, to) = end.isReader ? (other, end) : (end, other)
        try from.move(count, to: to)
    }

    // MARK: The host's side

    /// Puts a host's sink in the place of the reader.
    func connect(_ sink: StreamSink) {
        guard !self.isDropped else { return sink.finish() }
        self.sink = sink
        self.wake()
    }

    /// The host's side may be able to go on. Runs no guest code.
    func wake() {
        guard !self.isBusy else {
            self.wasWoken = true
            return
        }
        if let source = self.source, let sink = self.sink { return self.pump(source, sink) }
        guard let end = self.pending, end.isReader ? self.source != nil : self.sink != nil else { return }
        if end.isReader, self.source?.runsGuest == true {
            end.instance.runOnFiber { [self] in try self.serveAgain(end) }
            return
        }
        do {
            try self.serveAgain(end)
        } catch {
            if self.pending === end { self.pending = nil }
            end.complete(.failure(error))
            self.countHostWait()
        }
    }

    private func serveAgain(_ end: CopyEnd) throws {
        // It may have been cancelled, or the guest may have learnt of its end, since somebody woke the stream.
        guard self.pending === end, end.remaining > 0 || !end.hasPendingEvent else { return }
        try self.serve(end)
        self.countHostWait()
    }

    /// Moves items between the pending copy of a guest and the host.
    private func serve(_ end: CopyEnd) throws {
        var step: StreamStep
        repeat {
            self.wasWoken = false
            self.isBusy = true
            defer { self.isBusy = false }
            step = try end.isReader ? self.source?.fill(end) ?? .end : self.sink?.drain(end) ?? .end
        } while self.wasWoken && step == .wait
        // The host's code may have dropped the stream meanwhile.
        guard self.pending === end else { return }
        switch step {
        case .wait: break
        case .moved where self.isFuture:
            self.pending = nil
            if end.isReader { self.source = nil } else { self.sink = nil }
            end.complete(.success(.completed))
        case .moved: end.complete(.success(.completed), mayGrow: true)
        case .end:
            self.pending = nil
            self.isDropped = true
            if end.isReader { self.source = nil } else { self.sink = nil }
            end.complete(.success(.dropped))
        }
    }

    /// Moves items from the host to the host.
    private func pump(_ source: StreamSource, _ sink: StreamSink) {
        var isOver = false
        repeat {
            self.wasWoken = false
            self.isBusy = true
            defer { self.isBusy = false }
            isOver = source.pump(to: sink)
        } while self.wasWoken && !isOver && !self.isDropped
        guard isOver else { return }
        self.isDropped = true
        self.source = nil
        self.sink = nil
    }

    /// Ends a stream from the host to the host.
    func cut() {
        let (source, sink) = (self.source, self.sink)
        self.isDropped = true
        self.source = nil
        self.sink = nil
        source?.cancel()
        sink?.finish()
    }

    // MARK: Deadlocks

    /// Tells the instance whether one of its copies waits for the host: as long as one does, it is no deadlock.
    private func countHostWait() {
        var waits: CopyEnd?
        if let end = self.pending, !end.hasPendingEvent, (end.isReader ? self.writer : self.reader) == nil {
            waits = end
        }
        guard waits !== self.waitsForHost else { return }
        self.waitsForHost?.instance.hostOperations -= 1
        waits?.instance.hostOperations += 1
        self.waitsForHost = waits
    }
}

/// The host's end that writes. Confined to the event loop of its instance.
class StreamSource {
    /// The object that the host's code wakes the stream by: it holds it weakly, and the stream keeps it.
    var handle: AnyObject?

    /// Whether ``fill(_:)`` may call the guest's allocator.
    var runsGuest: Bool { false }

    /// Moves items to the guest's buffer. For a copy of no items: `moved` when there are any.
    func fill(_ end: CopyEnd) throws -> StreamStep { .end }

    /// Moves items until one side waits. True when one side is gone; the other knows then.
    func pump(to sink: StreamSink) -> Bool {
        self.cancel()
        sink.finish()
        return true
    }

    /// The reader is gone.
    func cancel() {}
}

/// The host's end that reads. Confined to the event loop of its instance.
class StreamSink {
    /// The object that the host's code wakes the stream by: it holds it weakly, and the stream keeps it.
    var handle: AnyObject?

    /// Takes items from the guest's buffer. For a copy of no items: `moved` when there is room.
    func drain(_ end: CopyEnd) throws -> StreamStep { .end }

    /// The writer is gone.
    func finish() {}

    /// The writer is gone in the middle.
    func cut() { self.finish() }
}
