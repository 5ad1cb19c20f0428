import Dispatch
import HTTP
import Synchronization
import Testing

/// Bytes that several may hold together.
@Suite struct ByteBudgetTests {
    @Test func givesWhatThereIs() throws {
        let total = ByteBudget(10)
        let first = ByteBudget(8, within: total)
        let second = ByteBudget(8, within: total)
        let claim = try #require(first.claim(8))
        #expect(first.claim(1) == nil)
        #expect(second.claim(3) == nil)
        #expect(second.usedBytes == 0)
        let other = try #require(second.claim(2))
        #expect(total.isFull)
        #expect(claim.change(to: 5))
        #expect(other.grow(by: 3))
        #expect(!other.grow(by: .max))
        #expect(!other.grow(by: -1))
        other.giveBack()
        #expect(total.usedBytes == 5)
    }

    /// Whoever asks for too much takes nothing, not even for a moment.
    @Test func refusesNobodyForWhoIsRefused() {
        let budget = ByteBudget(100)
        let held = budget.claim(50)
        let refused = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 4) { number in
            let wanted = number < 2 ? 51 : 25
            for _ in 0..<300_000 where budget.claim(wanted) == nil {
                if wanted == 25 { refused.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        let count = refused.load(ordering: .relaxed)
        #expect(count == 0)
        #expect(held?.bytes == 50)
        #expect(budget.usedBytes == 50)
    }
}
