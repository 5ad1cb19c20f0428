/// One instance of a component: its memories, functions, handles and the host's objects behind them.
///
/// Confined to the thread of its store. Made by ``Component``; without one, for tests that call host functions directly.
package final class ComponentInstance {
    /// The host's own object of this instance: a capability's state hangs on it.
    package let host: AnyObject
    package let waker: Waker
    package var resources = ResourceTable()
    private var handleTables: [HandleTable]

    /// An instance that has no guest: host functions can be called on it directly.
    package init(host: AnyObject, waker: Waker, handleTables: Int = 1) {
        self.host = host
        self.waker = waker
        self.handleTables = Array(repeating: HandleTable(), count: max(1, handleTables))
    }

    // MARK: Handles

    package func handles(of componentInstance: Int) -> HandleTable {
        self.handleTables[componentInstance]
    }

    package func withHandles<R>(of componentInstance: Int, _ body: (inout HandleTable) throws -> R) rethrows -> R {
        try body(&self.handleTables[componentInstance])
    }

    /// Gives `object` to the guest: a new own handle in the table of `componentInstance`.
    package func insert(_ object: AnyObject, type: UInt32, componentInstance: Int) throws -> UInt32 {
        let rep = self.resources.insert(object)
        do {
            return try self.handleTables[componentInstance].insertOwn(rep: rep, type: type)
        } catch {
            self.resources.drop(at: rep)
            throw error
        }
    }

    // MARK: Memory

    package func memory(_ slot: Int?) throws -> (base: UnsafeMutableRawPointer, count: Int) {
        throw GuestFault("the call has no memory")
    }

    package func allocate(size: UInt32, alignment: UInt32, function: Int?, componentInstance: Int) throws -> UInt32 {
        throw GuestFault("the call has no realloc function")
    }

    package func wait() throws {
        throw HostLimitError("this instance cannot wait: it has no fiber")
    }
}
