import Dispatch
import NIOCore

/// Waits, once, until a descriptor can be read or written, and then calls back on an event loop.
///
/// NIO offers no readiness of foreign descriptors; Dispatch does, on every platform.
final class ReadinessWatch {
    enum Direction {
        case read
        case write
    }

    private static let queue = DispatchQueue(label: "swirl.sockets")

    private let source: any DispatchSourceProtocol
    /// Emptied on the event loop: what it keeps alive must not be let go of on Dispatch's thread.
    private let callback: NIOLoopBoundBox<(() -> Void)?>
    private let eventLoop: any EventLoop

    init(
        _ file: FileHandle, _ direction: Direction, on eventLoop: any EventLoop, _ callback: @escaping () -> Void
    ) {
        let source: any DispatchSourceProtocol =
            switch direction {
            case .read: DispatchSource.makeReadSource(fileDescriptor: file.descriptor, queue: Self.queue)
            case .write: DispatchSource.makeWriteSource(fileDescriptor: file.descriptor, queue: Self.queue)
            }
        let box = NIOLoopBoundBox<(() -> Void)?>(callback, eventLoop: eventLoop)
        self.callback = box
        self.eventLoop = eventLoop
        // The handler holds its source until it is cancelled, which both ends of this do.
        source.setEventHandler {
            source.cancel()
            eventLoop.execute {
                let callback = box.value
                box.value = nil
                callback?()
            }
        }
        // Dispatch wants the descriptor open until then.
        source.setCancelHandler { withExtendedLifetime(file) {} }
        source.activate()
        self.source = source
    }

    func cancel() {
        self.source.cancel()
        if self.eventLoop.inEventLoop { self.callback.value = nil }
    }

    deinit {
        self.cancel()
    }
}
