import WasmEngine

/// Counts the processor time of threads on the accounts of the host's calls that they run for.
///
/// Time is taken between the ends of two resumptions, so what the host does to resume a guest that only yields counts as
/// well: a guest that gives its time slice back early gains nothing.
struct ProcessorMeter {
    /// In nanoseconds, of each call; nil for none: then no clock is read.
    var limit: Int64?
    private var last: Int64 = 0
    /// Of what runs for no call in particular, such as late results that are written.
    private var others = CallAccount()

    mutating func begin() {
        // The clock costs a system call.
        if self.limit != nil { self.last = ThreadClock.nanoseconds }
    }

    /// What ran since the last reading was for `account`.
    ///
    /// - Returns: the error to stop the guests with, when the limit has passed.
    mutating func charge(_ account: CallAccount?) -> ProcessorTimeExceeded? {
        guard let limit = self.limit else { return nil }
        let now = ThreadClock.nanoseconds
        let account = account ?? self.others
        account.processorTime += now - self.last
        self.last = now
        return account.processorTime >= limit ? ProcessorTimeExceeded(limit: limit) : nil
    }

    /// A call of the host begins: what was done for none until now is not held against it.
    mutating func callBegins() {
        self.others.processorTime = 0
    }
}
