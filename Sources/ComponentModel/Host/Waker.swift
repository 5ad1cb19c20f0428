/// Resumes an invocation that waits in ``HostCall/wait()``.
///
/// Confined to the event loop of its invocation. Waking one that does not wait, or that is over, does nothing:
/// who waits checks its condition again in a loop.
@usableFromInline
package final class Waker {
    private var action: (() -> Void)?

    package init(_ action: (() -> Void)? = nil) {
        self.action = action
    }

    /// Says what waking does, where that is only known after the waker was handed out.
    package func connect(_ action: @escaping () -> Void) {
        self.action = action
    }

    /// Lets the invocation go on soon; never runs guest code before it returns.
    @usableFromInline
    package func wake() {
        self.action?()
    }

    /// Makes every later `wake` do nothing.
    package func invalidate() {
        self.action = nil
    }
}
