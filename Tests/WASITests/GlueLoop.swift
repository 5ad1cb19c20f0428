import Dispatch
import Foundation
import NIOCore
import NIOEmbedded
import Synchronization

/// An embedded event loop that other threads may call, as those of sockets and files do: what they bring waits for the
/// next ``run()``.
final class GlueLoop: EventLoop, @unchecked Sendable {
    private let base = EmbeddedEventLoop()
    private let owner = Thread.current
    private let brought = Mutex<[@Sendable () -> Void]>([])

    var inEventLoop: Bool { Thread.current === self.owner }

    func run() {
        let brought = self.brought.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in brought { self.base.execute(task) }
        self.base.run()
    }

    func execute(_ task: @escaping @Sendable () -> Void) {
        if self.inEventLoop {
            self.base.execute(task)
        } else {
            self.brought.withLock { $0.append(task) }
        }
    }

    func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        self.base.scheduleTask(deadline: deadline, task)
    }

    func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        self.base.scheduleTask(in: delay, task)
    }

    var now: NIODeadline { self.base.now }

    func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        callback(nil)
    }
}
