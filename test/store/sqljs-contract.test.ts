import { describeStoreContract } from '../store-contract/store-contract.ts';
import { temporaryDatabase } from './temporary-database.ts';

describeStoreContract('sqljs', temporaryDatabase);
