import NIOCore
import WasmEngine

/// When the guests of one store run: at once when something wakes them, after others when they have had their time slice
/// or are woken all the time; and how much processor time they have used.
struct GuestTurns {
    /// So many wake-ups in a row are served at once; the next one lets the loop look at its sockets first. They are no
    /// row when the thread has waited meanwhile, as a loop does for its sockets.
    private static let promptWakes = 32
    /// A thread may also wait for something else.
    private static let mostPromptWakes = 64 * promptWakes

    private let eventLoop: any EventLoop
    private let slices: SliceQueue
    private var limit: TimeAmount?
    private var isScheduled = false
    private var wakes = 0
    /// How often the thread had waited when it was last asked.
    private var waits = 0
    /// Time slices that the guests have used up.
    private var sliceCount = 0
    /// In nanoseconds, as far as the turns are over; counted where there is a limit.
    private var usedTime: Int64 = 0
    private var turnStart: Int64 = 0

    init(eventLoop: any EventLoop, slices: SliceQueue, processorTime: TimeAmount?) {
        self.eventLoop = eventLoop
        self.slices = slices
        self.limit = processorTime
    }

    /// Calls `resume` soon, never before this returns; it calls ``arrived()`` first.
    mutating func wake(_ resume: @escaping () -> Void) {
        guard !self.isScheduled else { return }
        self.wakes += 1
        if self.wakes % Self.promptWakes == 0, self.wakes >= Self.mostPromptWakes || !self.hasWaited() {
            return self.yield(resume)
        }
        self.isScheduled = true
        self.eventLoop.assumeIsolated().execute(resume)
    }

    /// Whether the thread has waited since this was last asked.
    private mutating func hasWaited() -> Bool {
        let waits = ThreadClock.waits
        guard waits != self.waits else { return false }
        self.waits = waits
        return true
    }

    /// The same, after the other guests and the loop's sockets.
    mutating func yield(_ resume: @escaping () -> Void) {
        guard !self.isScheduled else { return }
        self.isScheduled = true
        self.wakes = 0
        self.slices.add(slices: self.sliceCount, resume)
    }

    /// To be called when a resumption that was asked for comes.
    mutating func arrived() {
        self.isScheduled = false
    }

    mutating func beginTurn() {
        // The clock costs a system call: it is asked only where there is a limit.
        if self.limit != nil { self.turnStart = ThreadClock.nanoseconds }
    }

    /// - Returns: the limit of processor time, when it has passed.
    mutating func endTurn() -> TimeAmount? {
        guard let limit = self.limit else { return nil }
        self.usedTime += ThreadClock.nanoseconds - self.turnStart
        return self.usedTime >= limit.nanoseconds ? limit : nil
    }

    mutating func usedUpSlice() {
        self.sliceCount += 1
    }

    /// The guests have nothing left to do: what they used until now is not held against the next ones.
    mutating func becameIdle() {
        self.sliceCount = 0
    }

    /// Somebody else counts the processor time from now on.
    mutating func stopCounting() {
        self.limit = nil
    }
}
