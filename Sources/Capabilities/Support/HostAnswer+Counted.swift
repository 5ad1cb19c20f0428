import ComponentModel
import HTTP

extension HostAnswer {
    /// The answer, with the bytes of its value counted for as long as it waits for its guest, which may ask for any
    /// number of large values at once, and compute while they come. One that is there is taken at once.
    ///
    /// - Parameter refusal: instead of a value that there is no room for.
    func counted<Success, Failure>(
        in budget: @autoclosure () -> ByteBudget, bytes: @escaping (Success) -> Int, refusal: Failure
    ) -> HostAnswer where Value == Result<Success, Failure> {
        guard case .later(let pending) = self else { return self }
        let budget = budget()
        let counted = Pending<Value> { pending.cancel() }
        pending.whenComplete { answer in
            if case .success(.success(let value)) = answer {
                let count = bytes(value)
                if count > ResultLimits.uncountedBytes {
                    guard let claim = budget.claim(count) else { return counted.succeed(.failure(refusal)) }
                    counted.companion = claim
                }
            }
            counted.complete(answer)
        }
        return .later(counted)
    }
}
