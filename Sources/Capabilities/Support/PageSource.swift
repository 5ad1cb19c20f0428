package import ComponentModel

/// What gives elements some at a time, when somebody asks for more: keys, rows.
///
/// Confined to the event loop of the instance that asks.
package protocol PageSource<Page, Failure>: AnyObject {
    associatedtype Page: RandomAccessCollection where Page.Index == Int
    associatedtype Failure: Error

    /// The next page; nil at the end. Asked for one page at a time, nothing after the end or a failure.
    func next() -> HostAnswer<Result<Page?, Failure>>

    /// Nobody wants more. May be called while a page is under way, whose answer nobody waits for then.
    func close()
}

extension PageSource {
    /// All that is left, in one list.
    ///
    /// - Parameter add: takes a page into the list; throws where that becomes too long.
    func collect<List>(
        into list: List, _ add: @escaping (inout List, Page) throws(Failure) -> Void
    ) -> HostAnswer<Result<List, Failure>> {
        var list = list
        while true {
            switch self.next() {
            case .ready(let result):
                if let collected = Self.take(result, into: &list, add) { return .ready(collected) }
            case .later(let first):
                let all = Pending<Result<List, Failure>> { self.close() }
                self.collect(list, first, add, for: all)
                return .later(all)
            }
        }
    }

    private func collect<List>(
        _ before: List, _ page: Pending<Result<Page?, Failure>>,
        _ add: @escaping (inout List, Page) throws(Failure) -> Void, for all: Pending<Result<List, Failure>>
    ) {
        page.whenComplete { result in
            var list = before
            do {
                if let collected = Self.take(try result.get(), into: &list, add) {
                    if case .failure = collected { self.close() }
                    return all.succeed(collected)
                }
            } catch {
                return all.fail(error)
            }
            while true {
                switch self.next() {
                case .later(let next): return self.collect(list, next, add, for: all)
                case .ready(let result):
                    if let collected = Self.take(result, into: &list, add) { return all.succeed(collected) }
                }
            }
        }
    }

    /// The whole list, when the page was the last.
    private static func take<List>(
        _ result: Result<Page?, Failure>, into list: inout List, _ add: (inout List, Page) throws(Failure) -> Void
    ) -> Result<List, Failure>? {
        switch result {
        case .failure(let error): return .failure(error)
        case .success(nil): return .success(list)
        case .success(let page?):
            do throws(Failure) {
                try add(&list, page)
                return nil
            } catch {
                return .failure(error)
            }
        }
    }
}
