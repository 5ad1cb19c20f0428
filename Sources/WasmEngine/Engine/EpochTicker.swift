import CWasmtime
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A thread that ends the running guests' time slices at a fixed interval.
final class EpochTicker: Sendable {
    /// What the thread uses: not the ticker itself.
    private final class Shared: Sendable {
        let isStopped = Atomic(false)
        let engineAddress: UInt
        let nanoseconds: Int

        init(engine: OpaquePointer, interval: Duration) {
            self.engineAddress = UInt(bitPattern: engine)
            let (seconds, attoseconds) = interval.components
            let nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            self.nanoseconds =
                nanoseconds.overflow
                ? 1_000_000_000 : max(1, Int(nanoseconds.partialValue + attoseconds / 1_000_000_000))
        }

        func run() {
            guard let engine = OpaquePointer(bitPattern: self.engineAddress) else {
                return
            }
            while !self.isStopped.load(ordering: .acquiring) {
                var interval = timespec(
                    tv_sec: self.nanoseconds / 1_000_000_000, tv_nsec: self.nanoseconds % 1_000_000_000)
                nanosleep(&interval, nil)
                wasmtime_engine_increment_epoch(engine)
            }
        }
    }

    private let shared: Shared
    private let thread: UInt

    /// Starts the thread. `engine` must outlive the ticker.
    init(engine: OpaquePointer, interval: Duration) throws(EngineError) {
        self.shared = Shared(engine: engine, interval: interval)
        self.thread = try Self.start(Unmanaged.passUnretained(self.shared))
    }

    private static func start(_ shared: Unmanaged<Shared>) throws(EngineError) -> UInt {
        let argument = shared.retain().toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        let status = pthread_create(&thread, nil, { EpochTicker.main($0) }, argument)
        let address = UInt(bitPattern: thread)
        #else
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { EpochTicker.main($0) }, argument)
        let address = UInt(thread)
        #endif
        guard status == 0 else {
            shared.release()
            throw EngineError(.configuration, "no thread for time slices: \(String(cString: strerror(status)))")
        }
        return address
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let argument {
            Unmanaged<Shared>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
    }

    /// Waits for the thread's last tick: the engine may go after it. To be called once.
    func stop() {
        self.shared.isStopped.store(true, ordering: .releasing)
        #if canImport(Darwin)
        if let thread = pthread_t(bitPattern: self.thread) {
            pthread_join(thread, nil)
        }
        #else
        pthread_join(pthread_t(self.thread), nil)
        #endif
    }
}
