// The subscription of the Relay client, in a file of its own: a schema without it would not do.
import { graphql } from "relay-runtime";

graphql`
  subscription changesSubscription($after: Int) {
    changes(after: $after) {
      number
      changes {
        nodes {
          recordId
        }
      }
    }
  }
`;
