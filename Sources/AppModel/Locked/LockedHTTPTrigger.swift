/// An HTTP trigger of a locked application.
package struct LockedHTTPTrigger: Sendable, Hashable {
    /// What answers its requests.
    package enum Target: Sendable, Hashable {
        case component(String)
        case response(LockedStaticResponse)
    }

    package let id: String
    package let target: Target
    /// Nil: requests from outside never reach it.
    package let route: String?
    /// Not nil: the component is a program that is run by the rules of Wagi.
    package let wagi: WagiSettings?

    package init?(_ trigger: LockedTrigger) {
        guard trigger.triggerType == "http" else { return nil }
        if let component = trigger.triggerConfig["component"]?.string {
            self.target = .component(component)
        } else if let response = trigger.triggerConfig["static_response"].flatMap({ LockedStaticResponse($0) }) {
            self.target = .response(response)
        } else {
            return nil
        }
        if let route = trigger.triggerConfig["route"]?.string {
            self.route = route
        } else if trigger.triggerConfig["route"]?.object?["private"] == .boolean(true) {
            self.route = nil
        } else {
            return nil
        }
        self.id = trigger.id
        let executor = trigger.triggerConfig["executor"]?.object ?? [:]
        self.wagi = executor["type"] == .string("wagi") ? WagiSettings(executor) : nil
    }

    /// Empty for a static response.
    package var componentID: String {
        if case .component(let id) = self.target { id } else { "" }
    }
}

/// How a program is run for a request by the `wagi` executor.
package struct WagiSettings: Sendable, Hashable {
    /// What its arguments are made of: a text with `${SCRIPT_NAME}` and `${ARGS}`, cut at spaces.
    package var arguments = "${SCRIPT_NAME} ${ARGS}"

    package init() {}

    init(_ executor: [String: JSONValue]) {
        if let arguments = executor["argv"]?.string { self.arguments = arguments }
    }
}

/// An answer that is always the same.
package struct LockedStaticResponse: Sendable, Hashable {
    package var status = 200
    package var headers: [String: String] = [:]
    package var body: String?

    package init?(_ value: JSONValue) {
        guard let object = value.object else { return nil }
        if case .integer(let status)? = object["status_code"] { self.status = Int(clamping: status) }
        self.headers = object["headers"]?.object?.compactMapValues(\.string) ?? [:]
        self.body = object["body"]?.string
    }
}
