const endpoint = new URL("graphql", location.href);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol.replace("http", "ws");

const firstQuery = `# Who said what of drones, and on whose word?
# To write, sign in by the mutation signIn, and put the token below, under Headers:
# { "Authorization": "Bearer …" }
{
  claims(first: 5, filter: { text: { contains: "drones" } }) {
    nodes {
      text
      statements(first: 5) {
        nodes { stance text speaker { name } }
      }
    }
  }
}
`;

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: endpoint.href, subscriptionUrl: socket.href }),
    defaultQuery: firstQuery,
    // A token that is kept could be read by whatever else runs here.
    shouldPersistHeaders: false,
  }),
);
