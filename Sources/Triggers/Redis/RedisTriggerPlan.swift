package import AppModel
package import RedisClient

/// Which channels of which servers lead to which components: the Redis triggers of an application.
package struct RedisTriggerPlan: Sendable {
    package struct Server: Sendable {
        package var address: RedisAddress
        /// Components by channel, in the order of the manifest.
        package var channels: [String: [String]]
    }

    package private(set) var servers: [Server] = []

    /// The components that are called.
    package var componentIDs: Set<String> { Set(self.servers.flatMap { $0.channels.values.flatMap { $0 } }) }

    package init() {}

    /// Reads the triggers of an application.
    ///
    /// - Parameter variables: values of the application's variables, which addresses and channels may name.
    /// - Throws: ``TriggerError`` with the trigger that is wrong.
    package init(_ app: LockedApp, variables: [String: String]) throws {
        let resolver = VariableResolver(variables: app.variables, given: variables)
        // Locked applications of earlier versions of Spin have the settings of one type of trigger only.
        let settings = app.metadata.triggers?["redis"]?.object ?? app.metadata.trigger ?? [:]
        let common = settings["address"]?.string
        for trigger in app.triggers where trigger.triggerType == "redis" {
            let component = trigger.triggerConfig["component"]?.string ?? ""
            guard !component.isEmpty else { throw Self.problem(trigger, "it names no component") }
            guard let channel = trigger.triggerConfig["channel"]?.string else {
                throw Self.problem(trigger, "it names no channel\n  hint: write channel = \"NAME\"")
            }
            guard let address = trigger.triggerConfig["address"]?.string ?? common else {
                throw Self.problem(
                    trigger,
                    "no address of a Redis server is given\n"
                        + "  hint: write address = \"redis://HOST:6379\" in it, or in [application.trigger.redis]")
            }
            let text = try Self.resolved(address, "address", trigger, resolver)
            let name = try Self.resolved(channel, "channel", trigger, resolver)
            do throws(RedisError) {
                self.add(component, name, try RedisAddress(text))
            } catch {
                throw Self.problem(trigger, "address: \(error)")
            }
        }
    }

    private mutating func add(_ component: String, _ channel: String, _ address: RedisAddress) {
        let index = self.servers.firstIndex { $0.address == address } ?? self.servers.endIndex
        if index == self.servers.endIndex { self.servers.append(Server(address: address, channels: [:])) }
        self.servers[index].channels[channel, default: []].append(component)
    }

    private static func resolved(
        _ text: String, _ field: String, _ trigger: LockedTrigger, _ resolver: VariableResolver
    ) throws -> String {
        do {
            return try resolver.resolve(try Template(text))
        } catch is Template.ParseError {
            throw Self.problem(trigger, "\(field): `{{` has no `}}`")
        } catch {
            throw Self.problem(trigger, "\(field): \(error)")
        }
    }

    private static func problem(_ trigger: LockedTrigger, _ message: String) -> TriggerError {
        TriggerError("\(trigger.place.map { "\($0): " } ?? "")trigger \"\(trigger.id)\": \(message)")
    }
}
