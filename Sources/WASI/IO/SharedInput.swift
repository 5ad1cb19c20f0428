/// A source that several streams of a guest read, such as standard input: each of them learns when there is something,
/// and who reads first gets it.
final class SharedInput: InputSource {
    private let source: any InputSource
    /// Who waits, by the stream; a guest that asks again and again is one of them.
    private var waiting: [ObjectIdentifier: () -> Void] = [:]

    init(_ source: any InputSource) {
        self.source = source
    }

    var isReady: Bool { self.source.isReady }
    var isClosed: Bool { self.source.isClosed }

    func read(upTo maximum: Int) -> InputRead { self.source.read(upTo: maximum) }

    func close() { self.source.close() }

    /// Of all that name no stream, the last one is called.
    func whenReady(_ callback: @escaping () -> Void) {
        self.whenReady(for: self, callback)
    }

    func whenReady(for stream: AnyObject, _ callback: @escaping () -> Void) {
        self.waiting[ObjectIdentifier(stream)] = callback
        self.source.whenReady { [weak self] in self?.wake() }
    }

    /// The stream is gone.
    func forget(_ stream: AnyObject) {
        self.waiting[ObjectIdentifier(stream)] = nil
    }

    private func wake() {
        let waiting = self.waiting
        self.waiting = [:]
        for callback in waiting.values { callback() }
    }
}
