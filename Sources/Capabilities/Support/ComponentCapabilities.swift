package import HTTP
package import Logging

/// What one component may use besides WASI: made once, shared by its instances.
///
/// A capability that the component did not ask for is there and empty: its interface links, and refuses.
package final class ComponentCapabilities: Sendable {
    package let component: String
    package let keyValue: KeyValueGrants
    package let sqlite: SQLiteGrants
    package let redis: RedisGrants
    package let variables: ComponentVariables
    package let denials: DenialLog
    /// Results that its instances, and others of the application, wait for.
    let results: ByteBudget

    package init(
        component: String, keyValue: KeyValueGrants = KeyValueGrants(), sqlite: SQLiteGrants = SQLiteGrants(),
        variables: ComponentVariables = ComponentVariables(), redis: RedisGrants = RedisGrants(),
        results: ByteBudget = ResultLimits.application(), logger: Logger? = nil
    ) {
        self.component = component
        self.keyValue = keyValue
        self.sqlite = sqlite
        self.redis = redis
        self.variables = variables
        self.results = results
        self.denials = DenialLog(component: component, logger: logger)
    }

    static let none = ComponentCapabilities(component: "")
}
