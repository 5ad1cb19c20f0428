/// First in, first out.
struct ThreadQueue {
    private var threads: [GuestThread?] = []
    private var head = 0

    var isEmpty: Bool { self.head == self.threads.count }

    mutating func append(_ thread: GuestThread) {
        self.threads.append(thread)
    }

    mutating func popFirst() -> GuestThread? {
        guard self.head < self.threads.count else { return nil }
        let thread = self.threads[self.head]
        self.threads[self.head] = nil
        self.head += 1
        if self.head == self.threads.count {
            self.threads.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head >= 1024, self.head * 2 >= self.threads.count {
            self.threads.removeFirst(self.head)
            self.head = 0
        }
        return thread
    }
}
