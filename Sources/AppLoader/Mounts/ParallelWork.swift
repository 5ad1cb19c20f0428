import Dispatch
import Synchronization

/// Blocking work on several threads.
enum ParallelWork {
    /// Runs `body` for each element, at most so many at a time and no more than there are cores, and gives what it
    /// returned, in no order.
    static func run<Element: Sendable, Result: Sendable>(
        _ elements: [Element], atATime limit: Int, body: @escaping @Sendable (Element) -> Result?
    ) -> [Result] {
        let next = Atomic<Int>(0)
        let results = Mutex<[Result]>([])
        DispatchQueue.concurrentPerform(iterations: min(limit, elements.count)) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < elements.count else { return }
                if let result = body(elements[index]) { results.withLock { $0.append(result) } }
            }
        }
        return results.withLock { $0 }
    }
}
