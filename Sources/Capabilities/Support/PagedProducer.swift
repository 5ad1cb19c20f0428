import ComponentModel

/// A stream whose elements come from a ``PageSource`` as fast as the guest reads them, and the future that tells how it
/// ended.
///
/// Two pages at most are in memory: the one that the guest reads, and the next, which is asked for meanwhile.
final class PagedProducer<Page: RandomAccessCollection, SourceFailure: Error, Failure>: ElementProducer
where Page.Index == Int {
    typealias Element = Page.Element
    typealias Outcome = WITResult<Void, Failure>

    private enum Following {
        case unasked
        case asked
        case there(Result<Page?, SourceFailure>)
        case ended
    }

    private let source: any PageSource<Page, SourceFailure>
    private let failure: (SourceFailure) -> Failure
    private var page: Page?
    private var index = 0
    private var following = Following.unasked
    private let outcome = Pending<Outcome>()
    /// Weak: the stream keeps its producer.
    private weak var stream: ElementStream<Element>?

    private init(_ source: any PageSource<Page, SourceFailure>, _ failure: @escaping (SourceFailure) -> Failure) {
        self.source = source
        self.failure = failure
    }

    /// A stream of what `source` gives; nothing is asked for before somebody reads.
    static func stream(
        _ source: any PageSource<Page, SourceFailure>, _ failure: @escaping (SourceFailure) -> Failure
    ) -> (ElementStream<Element>, ElementFuture<Outcome>) {
        let producer = PagedProducer(source, failure)
        let stream = ElementStream(producer)
        producer.stream = stream
        return (stream, ElementFuture(.later(producer.outcome)))
    }

    func next() throws -> ElementStep<Element> {
        while true {
            if let page = self.page, self.index < page.endIndex {
                defer { self.index += 1 }
                return .element(page[self.index])
            }
            self.page = nil
            switch self.following {
            case .ended: return .end
            case .asked: return .wait
            case .unasked: self.ask()
            case .there(.failure(let error)): return self.end(.error(self.failure(error)))
            case .there(.success(nil)): return self.end(.ok)
            case .there(.success(let page?)):
                self.page = page
                self.index = page.startIndex
                self.ask()
            }
        }
    }

    private func ask() {
        switch self.source.next() {
        case .ready(let result): self.following = .there(result)
        case .later(let pending):
            self.following = .asked
            pending.whenComplete { [weak self] result in
                guard let self, case .asked = self.following else { return }
                // A source has its failures as values.
                self.following = (try? result.get()).map { .there($0) } ?? .ended
                self.stream?.wake()
            }
        }
    }

    private func end(_ outcome: Outcome) -> ElementStep<Element> {
        self.following = .ended
        self.outcome.succeed(outcome)
        return .end
    }

    func cancel() {
        if case .ended = self.following { return }
        self.page = nil
        _ = self.end(.ok)
        self.source.close()
    }

    deinit {
        if case .ended = self.following { return }
        self.source.close()
    }
}
