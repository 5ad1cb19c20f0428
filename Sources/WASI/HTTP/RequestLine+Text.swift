// Methods and schemes as text; the types are those of 0.2 and 0.3.

extension WasiHttpTypes.Method {
    init(_ method: String) {
        switch method {
        case "GET": self = .get
        case "HEAD": self = .head
        case "POST": self = .post
        case "PUT": self = .put
        case "DELETE": self = .delete
        case "CONNECT": self = .connect
        case "OPTIONS": self = .options
        case "TRACE": self = .trace
        case "PATCH": self = .patch
        default: self = .other(method)
        }
    }

    /// As the request line has it.
    var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .other(let text): text
        }
    }
}

extension WasiHttpTypes.Scheme {
    init(_ name: String) {
        switch name {
        case "http": self = .http
        case "https": self = .https
        default: self = .other(name)
        }
    }

    var name: String {
        switch self {
        case .http: "http"
        case .https: "https"
        case .other(let name): name
        }
    }
}
