import ComponentModel
import HTTP
import NIOCore
import WASI

/// The capabilities' side of one instance: a slot for each, made when the guest first uses it.
///
/// Confined to the event loop of its invocation; an instance that uses none has none.
final class InstanceCapabilities {
    let component: ComponentCapabilities
    let eventLoop: any EventLoop
    /// Results that the instance waits for.
    let results: ByteBudget

    private(set) lazy var keyValue = KeyValueState(self)
    private(set) lazy var sqlite = SQLiteState(self)
    private(set) lazy var redis = RedisState(self)

    // Handles of interfaces without resources that the guest did not give back: here, as what they open refers to the
    // state of its capability, which would keep itself alive if it had them.
    var numberedStores = NumberedHandles<OpenStore>()
    var numberedDatabases = NumberedHandles<OpenDatabase>()

    init(component: ComponentCapabilities, eventLoop: any EventLoop) {
        self.component = component
        self.eventLoop = eventLoop
        self.results = ByteBudget(ResultLimits.instanceBytes, within: component.results)
    }
}

extension HostCall {
    /// The capabilities of the instance that calls.
    var capabilities: InstanceCapabilities {
        let context = self.host(WASIContext.self)
        // Nobody else sets these two.
        if let made = context.capabilities { return unsafeDowncast(made, to: InstanceCapabilities.self) }
        let component = context.configuration.capabilities as? ComponentCapabilities ?? .none
        let made = InstanceCapabilities(component: component, eventLoop: context.eventLoop)
        context.capabilities = made
        return made
    }
}
